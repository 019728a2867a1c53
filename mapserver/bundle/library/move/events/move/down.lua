move.walk(object, 0, 1, 'down')
