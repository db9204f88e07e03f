-- A neutralized copy talks to nobody.
UPDATE interop_instance
   SET environment = NULL,
       system_identifier = NULL,
       database_oid = NULL,
       reason = 'Neutralized copy';
