object.remove()
