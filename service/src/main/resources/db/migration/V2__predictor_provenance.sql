-- From what a predictor was made: runtime, measurements, the device's speed and repeatability (JSON).
alter table predictor add column provenance text not null default '{}';
