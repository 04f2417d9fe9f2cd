"""Ends of a conversation for tests: they say what they are told to, and keep what they heard."""


class Echo:
    """Sends back what comes, and hangs up after `words` of it."""

    def __init__(self, words=None):
        self.heard = []
        self.timeouts = []
        self.deadline = None
        self.words = words
        self._out = []

    @property
    def closed(self):
        return self.words is not None and len(self.heard) >= self.words

    def receive_data(self, octets, now):
        self.heard.append((octets, now))
        self._out.append(octets)

    def say(self, *pieces):
        self._out += pieces

    def data_to_send(self):
        out, self._out = self._out, []
        return out

    def handle_timeout(self, now):
        self.timeouts.append(now)


class Ticker(Echo):
    """Says b"tick" every `period` seconds from `first` on; b"" says nothing."""

    def __init__(self, first, period, word=b"tick"):
        super().__init__()
        self.deadline = first
        self.period = period
        self.word = word

    def handle_timeout(self, now):
        super().handle_timeout(now)
        if now >= self.deadline:
            self.deadline += self.period
            self.say(*[self.word] * bool(self.word))
