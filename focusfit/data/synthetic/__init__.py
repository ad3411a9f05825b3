"""The synthetic world: photos of people who do not exist, with everything about them known."""
