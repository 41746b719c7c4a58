-- intake_envelope_rules.sql   what an envelope must be for the fast path; whoever fails is read again by models.records
specversion_json = '"1.0"'
    AND starts_with(data, '{')
    AND starts_with(id_json, '"') AND length(id_json) BETWEEN 3 AND 202
    AND starts_with(source_json, '"') AND length(source_json) BETWEEN 3 AND 202
    AND starts_with(subject_json, '"') AND {{subject}}
    AND regexp_full_match(time_json, {{time}}) AND occurred_at IS NOT NULL
    AND (recordedtime_json IS NULL OR (regexp_full_match(recordedtime_json, {{time}}) AND own_recorded_at IS NOT NULL))
    -- two attributes that are not kept, and so have no rule of their own but to be text without anything personal
    AND CASE WHEN datacontenttype_json IS NULL THEN true
        ELSE starts_with(datacontenttype_json, '"') AND NOT regexp_matches(datacontenttype_json, {{personal_number}}) END
    AND CASE WHEN dataschema_json IS NULL THEN true
        ELSE starts_with(dataschema_json, '"') AND NOT regexp_matches(dataschema_json, {{personal_number}}) END
    -- no escapes, and only characters that mean what they look like: what could hide a personal number goes the slow way
    AND strlen(raw) <= {{max_bytes}} AND NOT contains(raw, '\')
    AND CASE WHEN strlen(raw) = length(raw) THEN true ELSE NOT regexp_matches(raw, '[^\x{00}-\x{7F}\x{C0}-\x{24F}]') END
    AND NOT regexp_matches(data, {{personal_number}})
    AND NOT regexp_matches(source || ' ' || id, {{personal_number}})
    AND CASE WHEN starts_with(subject, 'p:') THEN {{pseudonym_length}} <> 10 ELSE NOT regexp_matches(subject, {{personal_number}}) END
    -- nothing but what was taken out: the text is as long as its known parts, so no key is unknown or there twice. A number can be longer in
    -- its normal form than it was written (1E2 is 100.0, 1e-4 is 0.0001: always with `.0`); then the whole text is compared in normal form.
    AND CASE WHEN strlen(raw) = {{length}} AND NOT contains(data, '.0') THEN true
        ELSE strlen(json(raw)) = {{length}} AND NOT regexp_matches(raw, ',\s*[}\]]') END
