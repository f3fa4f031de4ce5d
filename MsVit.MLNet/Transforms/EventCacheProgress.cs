namespace MsVit.MLNet.Events;

/// <summary>How far a cache of frames is filled.</summary>
/// <param name="Done">Recordings whose frames are there or cannot be made.</param>
/// <param name="Total">Recordings in all.</param>
/// <param name="Unreadable">Recordings that could not be read.</param>
public readonly record struct EventCacheProgress(int Done, int Total, int Unreadable);
