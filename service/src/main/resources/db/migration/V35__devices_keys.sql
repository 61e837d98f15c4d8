-- The key that speaks for a device. One of an earlier version has none until its agent registers again.
alter table device add column api_key_id bigint references api_key on delete set null;

-- Keys of agents speak for one device each: the first that they register. The home folder's key and those of earlier
-- versions speak for several.
alter table api_key add column one_device boolean not null default false;
alter table api_key add column device text;

-- By which a machine gets a key for one device, once.
create table enrolment (
  token_sha256 text primary key,
  device text not null,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  used_at timestamptz
);
