-- A network of the same structure is looked up before it is measured again.
alter table job add column structure_sha256 text;
alter table measurement add column structure_sha256 text;
alter table measurement add column source_id bigint references measurement on delete set null;
create index measurement_structure on measurement (device_id, structure_sha256)
  where structure_sha256 is not null;
create index measurement_source on measurement (search_id, source_id)
  where source_id is not null;
