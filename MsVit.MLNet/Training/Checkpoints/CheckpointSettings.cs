namespace MsVit.MLNet;

/// <summary>Where and how often a run is saved.</summary>
/// <param name="Folder">Where; the caller's.</param>
/// <param name="Run">What the run is.</param>
/// <param name="Epochs">Whole epochs from one checkpoint to the next, 1 or more.</param>
/// <param name="Interval">The longest time from one to the next, in the middle of an epoch if need be; null for no such limit.</param>
internal sealed record CheckpointSettings(CheckpointFolder Folder, RunIdentity Run, int Epochs, TimeSpan? Interval);
