namespace MsVit.MLNet.Events;

/// <summary>How far a decoder has come.</summary>
internal readonly record struct Progress(int Bytes, int Events);
