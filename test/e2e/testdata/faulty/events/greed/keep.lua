-- Grows from call to call: in the end it is the sum that is too much.
kept = kept or {}
for i = 1, 20000 do kept[#kept + 1] = {i, tostring(i)} end
