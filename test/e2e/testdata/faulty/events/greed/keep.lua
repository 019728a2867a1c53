-- Grows from call to call: in the end it is the sum that is too much.
kept = kept or {}
kept[#kept + 1] = string.rep('x', 1000000) .. #kept
