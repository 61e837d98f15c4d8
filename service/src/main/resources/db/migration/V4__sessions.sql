-- Browsers that were let in. Each may what its key may, and ends with it.
create table session (
  token_sha256 text primary key,
  api_key_id bigint not null references api_key on delete cascade,
  created_at timestamptz not null,
  expires_at timestamptz not null
);
