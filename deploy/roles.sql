-- The three roles and the database, on any PostgreSQL from 15. Run by a superuser:
--   EHS_OWNER_PASSWORD=… EHS_APP_PASSWORD=… EHS_BACKUP_PASSWORD=… psql -v ON_ERROR_STOP=1 -d postgres -f deploy/roles.sql
-- Running it again changes nothing but the passwords. The embedded server is made by this same file.
\set ON_ERROR_STOP on
\getenv owner_password EHS_OWNER_PASSWORD
\getenv app_password EHS_APP_PASSWORD
\getenv backup_password EHS_BACKUP_PASSWORD
\getenv database EHS_DATABASE
\if :{?database} \else \set database ehs \endif

SET client_min_messages = 'warning';
SET password_encryption = 'scram-sha-256';
-- The passwords below must not reach the server's log.
SET log_statement = 'none';
SET log_min_error_statement = 'panic';

SELECT format('CREATE ROLE %I', name)
  FROM unnest(ARRAY['ehs_owner', 'ehs_app', 'ehs_backup']) AS name
 WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) \gexec

-- Owns the tables and runs `migrate`. CREATEDB is for the tests' databases; production may take it away.
ALTER ROLE ehs_owner LOGIN NOSUPERUSER CREATEDB NOCREATEROLE NOBYPASSRLS PASSWORD :'owner_password';
-- What web and worker log in as: bound by the row policies.
ALTER ROLE ehs_app LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS PASSWORD :'app_password';
-- Reads everything for pg_dump, writes nothing.
ALTER ROLE ehs_backup LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE BYPASSRLS PASSWORD :'backup_password';
ALTER ROLE ehs_backup SET default_transaction_read_only = on;
GRANT pg_read_all_data TO ehs_backup;

SELECT format('CREATE DATABASE %I OWNER ehs_owner ENCODING ''UTF8'' TEMPLATE template0', :'database')
 WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'database') \gexec
REVOKE ALL ON DATABASE :"database" FROM PUBLIC;
GRANT CONNECT ON DATABASE :"database" TO ehs_app, ehs_backup;

\connect :"database"
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO ehs_app, ehs_backup;
