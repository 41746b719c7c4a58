-- disclosure_withheld.sql  indicators of which nothing is shown, since it could not be proven that what hides their small counts is enough
-- grain     any number of rows per position, also of the organisation as it is
-- columns   unproven   how many counts
CREATE TABLE IF NOT EXISTS main.withheld (position INTEGER, unproven BIGINT);
