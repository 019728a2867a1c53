-- Also after a restart of the map, so that nothing lies there for ever.
fight.later(object, 'decay')
