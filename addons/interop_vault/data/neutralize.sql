-- A neutralized copy shows nobody a token that was granted to the original.
DELETE FROM interop_vault_access_token;
