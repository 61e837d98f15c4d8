-- What a device is beside its processor, and whether its figures can be believed.
alter table device add column reality text not null default 'real';
alter table device add column forms text not null default '[]';
alter table device add column metrics text not null default '["latency"]';
alter table device add column quiet_host boolean not null default true;
alter table device add column facts text not null default '{}';
alter table measurement add column figures text not null default '{}';
alter table measurement add column verdict text not null default 'unknown';
alter table measurement add column verdict_reason text not null
  default 'taken before measurements were judged';
create index measurement_device on measurement (device_id, id);
