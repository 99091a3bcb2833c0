# One car's stay at a charger, from plugging in to unplugging: what the charger remembers of it.


class Session:
    def __init__(self, needs_authorization=False):
        self.needs_authorization = needs_authorization
        self.authorized = False  # by authorize_request
        self.stopped = False  # by session_request
        self.has_charged = False
        self.duration_ms = 0
        self.energy_uj = 0

    def may_charge(self):
        return not self.stopped and (self.authorized or not self.needs_authorization)

    def count(self, passed_ms, taken_uj):
        self.duration_ms += passed_ms
        self.energy_uj += taken_uj
