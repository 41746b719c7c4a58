-- as_is_no_claims.sql  in today's organisation effects are told by the lead rule alone: no claims under others
-- reads  claim_cell, claim_limit (as it was, for their columns)
CREATE TABLE as_is.claim_cell AS FROM main.claim_cell LIMIT 0;
