-- With how many threads of the runtime a device measures; all did with one.
alter table device add column measured_threads integer not null default 1;
