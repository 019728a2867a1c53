string.find(string.rep('a', 200), string.rep('a*', 40) .. 'b')
