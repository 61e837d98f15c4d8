-- When a device was taken off the list. Its measurements stay, and it comes back when its agent registers.
alter table device add column removed_at timestamptz;
-- When the content of a file was deleted; what is known of it stays.
alter table artifact add column content_deleted_at timestamptz;
