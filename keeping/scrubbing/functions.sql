-- What stands in the place of what. Made for one session; nothing is worked out from what stood there but its length.
CREATE TEMP TABLE scrub_shift (family_id uuid PRIMARY KEY, days integer NOT NULL);
CREATE TEMP TABLE scrub_last_names (family_id uuid, old text, new text, PRIMARY KEY (family_id, old));

CREATE FUNCTION pg_temp.one_of(words text[]) RETURNS text LANGUAGE sql VOLATILE AS $$
    SELECT words[1 + floor(random() * cardinality(words))::integer];
$$;
-- Names that nobody bears: whoever of the old names were found in a copy would be a person who was left.
CREATE FUNCTION pg_temp.scrub_first_names() RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
    SELECT ARRAY['Amberlin', 'Brackel', 'Cloverin', 'Dewlan', 'Elderwin', 'Fennimo', 'Gorsel', 'Haverin', 'Islewin',
        'Jorvel', 'Kelmarn', 'Larkel', 'Mosswin', 'Nettlin', 'Oakelo', 'Pebblin', 'Quilwen', 'Rushlin', 'Sorrelin',
        'Thistel', 'Umberlin', 'Vetchel', 'Willowin', 'Yarrowin', 'Zephrin'];
$$;
CREATE FUNCTION pg_temp.scrub_last_names() RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
    SELECT ARRAY['Alderbrook', 'Birchwell', 'Copperfold', 'Dunmarrow', 'Elmsworthy', 'Fernhollow', 'Gorsefield',
        'Hazelmoss', 'Ivybank', 'Juniperley', 'Kestrelmoor', 'Larkmeadow', 'Mossgrave', 'Nettlebank', 'Oakenshore',
        'Pebblewick', 'Quillstead', 'Rowanby', 'Sedgewater', 'Tansyford', 'Umberlow', 'Vetchley', 'Willowmere',
        'Yarrowby'];
$$;
CREATE FUNCTION pg_temp.scrub_first_name() RETURNS text LANGUAGE sql VOLATILE AS $$
    SELECT pg_temp.one_of(pg_temp.scrub_first_names());
$$;
CREATE FUNCTION pg_temp.scrub_any_last_name() RETURNS text LANGUAGE sql VOLATILE AS $$
    SELECT pg_temp.one_of(pg_temp.scrub_last_names());
$$;
CREATE FUNCTION pg_temp.scrub_last_name(family uuid, was text) RETURNS text LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    found text;
BEGIN
    SELECT new INTO found FROM scrub_last_names WHERE family_id = family AND old = was;
    IF found IS NULL THEN
        found := pg_temp.scrub_any_last_name();
        INSERT INTO scrub_last_names VALUES (family, was, found);
    END IF;
    RETURN found;
END $$;
-- One after the other, from anywhere: two people at one meeting, whose names must differ, never get the same.
CREATE TEMP SEQUENCE scrub_names;
SELECT setval('scrub_names', 1 + floor(random() * 600)::integer);
CREATE FUNCTION pg_temp.scrub_name() RETURNS text LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    first_names text[] := pg_temp.scrub_first_names();
    last_names text[] := pg_temp.scrub_last_names();
    n bigint := nextval('scrub_names');
    round bigint := n / 600;
BEGIN
    -- 25 and 24 have no common divisor, so that a round of 600 holds each pair once; then a letter tells the rounds apart.
    RETURN first_names[1 + n % 25] || CASE WHEN round > 0 THEN ' ' || chr(65 + (round % 26)::integer) ELSE '' END
        || ' ' || last_names[1 + n % 24];
END $$;
CREATE FUNCTION pg_temp.scrub_text(was text) RETURNS text LANGUAGE sql VOLATILE AS $$
    SELECT left(string_agg(word, ' '), length(was)) FROM (
        SELECT pg_temp.one_of(ARRAY['the', 'morning', 'school', 'was', 'calm', 'and', 'they', 'talked', 'about', 'a',
            'walk', 'with', 'breakfast', 'homework', 'later', 'plan', 'for', 'week', 'went', 'well', 'then', 'bus', 'late',
            'again', 'rang', 'home', 'visit', 'agreed', 'small', 'step', 'next', 'time', 'quiet', 'garden', 'book'])
            || repeat('', n) AS word FROM generate_series(1, length(was) / 2 + 1) n) words;
$$;
CREATE FUNCTION pg_temp.scrub_shape(was text) RETURNS text LANGUAGE sql VOLATILE AS $$
    SELECT string_agg(CASE WHEN c ~ '[0-9]' THEN floor(random() * 10)::integer::text
        WHEN c ~ '[A-Z]' THEN chr(65 + floor(random() * 26)::integer)
        WHEN c ~ '[^ /.-]' THEN chr(97 + floor(random() * 26)::integer) ELSE c END, '' ORDER BY n)
    FROM regexp_split_to_table(was, '') WITH ORDINALITY AS t (c, n);
$$;
CREATE FUNCTION pg_temp.scrub_json(was jsonb) RETURNS jsonb LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    said text;
BEGIN
    CASE jsonb_typeof(was)
    WHEN 'object' THEN
        RETURN coalesce((SELECT jsonb_object_agg(key, pg_temp.scrub_json(value)) FROM jsonb_each(was)), '{}');
    WHEN 'array' THEN
        RETURN coalesce((SELECT jsonb_agg(pg_temp.scrub_json(value) ORDER BY n)
                         FROM jsonb_array_elements(was) WITH ORDINALITY AS t (value, n)), '[]');
    WHEN 'string' THEN
        said := was #>> '{}';
        IF said ~ '^\d{4}-\d{2}-\d{2}$' THEN
            RETURN to_jsonb((said::date - (1 + floor(random() * 182))::integer)::text);
        ELSIF said ~ '^[0-9a-f]{8}-[0-9a-f-]{27}$' OR said = '' THEN
            RETURN was;
        END IF;
        RETURN to_jsonb(CASE WHEN said ~ '\d' AND length(said) < 20 THEN pg_temp.scrub_shape(said)
                             ELSE pg_temp.scrub_text(said) END);
    ELSE
        RETURN was;
    END CASE;
END $$;
CREATE FUNCTION pg_temp.scrub_nhs() RETURNS text LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    digits text;
    rest integer;
BEGIN
    LOOP
        -- 999 is never given to anybody.
        digits := '999' || lpad(floor(random() * 1000000)::integer::text, 6, '0');
        SELECT 11 - sum(substr(digits, n, 1)::integer * (11 - n)) % 11 INTO rest FROM generate_series(1, 9) n;
        IF rest <> 10 THEN
            RETURN digits || (rest % 11)::text;
        END IF;
    END LOOP;
END $$;
CREATE FUNCTION pg_temp.scrub_upn() RETURNS text LANGUAGE sql VOLATILE AS $$
    SELECT substr('ABCDEFGHJKLMNPQRTUVWXYZ', 1 + (SELECT sum(substr(d, n, 1)::integer * (n + 1))::integer % 23
                                                FROM generate_series(1, 12) n), 1) || d
    FROM (SELECT '999' || lpad(floor(random() * 1000000000)::bigint::text, 9, '0') AS d) x;
$$;
-- Never the number that stood there, also where that was one of these.
CREATE FUNCTION pg_temp.scrub_phone(was text) RETURNS text LANGUAGE sql VOLATILE AS $$
    SELECT '0113 496 0' || lpad(((coalesce(substring(was from '(\d{3})$')::integer, 0) + 1 + floor(random() * 999)::integer)
                                 % 1000)::text, 3, '0');
$$;
CREATE FUNCTION pg_temp.scrub_mail() RETURNS text LANGUAGE sql VOLATILE AS $$
    SELECT 'person-' || substr(gen_random_uuid()::text, 1, 13) || '@example.org';
$$;
CREATE FUNCTION pg_temp.scrub_address() RETURNS text LANGUAGE sql VOLATILE AS $$
    SELECT 1 + floor(random() * 200)::integer || ' ' || pg_temp.scrub_any_last_name() || ' Street';
$$;
CREATE FUNCTION pg_temp.scrub_random(room integer) RETURNS text LANGUAGE sql VOLATILE AS $$
    SELECT left(replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''), room);
$$;
INSERT INTO scrub_shift SELECT id, 1 + floor(random() * 182)::integer FROM families_family;
