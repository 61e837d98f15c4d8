-- A run is a search, or a calibration of a device on its own.
alter table search add column kind text not null default 'SEARCH';

-- The space for which a predictor was made (name and digest of its definition), and which of the
-- predictors of its device, space and precision it is.
alter table predictor add column space text not null default '';
alter table predictor add column version integer not null default 1;
create index predictor_of_device on predictor (device, space, precision, id);
