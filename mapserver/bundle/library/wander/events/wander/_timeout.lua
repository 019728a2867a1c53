return 3 + 7 * math.random()
