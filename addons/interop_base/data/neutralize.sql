-- A neutralized copy talks to nobody.
UPDATE interop_instance
   SET environment = NULL,
       system_identifier = NULL,
       database_oid = NULL,
       reason = 'Neutralized copy';
-- It may get a keyring of its own: nothing that was sealed before opens then.
DELETE FROM interop_keyring_key;
