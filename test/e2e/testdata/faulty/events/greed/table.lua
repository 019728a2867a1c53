local t, n = {}, 0
while true do n = n + 1 t[n] = {n} end
