-- SHA-256 of what a run was launched on, by what it is: space, data, table. Empty for runs of earlier versions.
alter table search add column inputs text not null default '{}';
