move.stop(object)
