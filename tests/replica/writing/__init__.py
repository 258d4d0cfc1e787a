"""The words: Arabic written for the replica, dealt from decks of sentences so that no two stories look copied."""
