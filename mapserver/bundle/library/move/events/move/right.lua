move.walk(object, 1, 0, 'right')
