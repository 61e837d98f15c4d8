-- How often a run was begun since it last came further, and how far it was then: one that ends the service
-- each time is set aside.
alter table search add column starts integer not null default 0;
alter table search add column furthest double precision not null default 0;

-- Which order of stages a run goes through. What an older one began cannot be gone on with.
alter table search add column pipeline integer not null default 0;
update search
set state = 'FAILED', finished_at = now(),
  error = 'An older version of Lathe began this run, and this one cannot go on with it. Maybe launch it again.'
where state in ('RUNNING', 'PAUSING', 'PAUSED') and started_at is not null;

-- The device for which a run waits, and lets others go on.
alter table search add column waits_for_device_id bigint references device;
