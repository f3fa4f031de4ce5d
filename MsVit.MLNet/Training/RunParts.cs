namespace MsVit.MLNet;

/// <summary>What a run consists of while it goes on.</summary>
/// <param name="Trained">The network that learns, and the one that it hands its weights over to.</param>
/// <param name="Frozen">What of it stays as it is.</param>
/// <param name="Step">Changes the rest.</param>
/// <param name="Best">The weights of the best epoch.</param>
/// <param name="Checkpoints">Where the run is saved.</param>
/// <param name="Clock">Its time and its plan.</param>
internal sealed record RunParts(
    TrainedNetwork Trained, FrozenPart Frozen, TrainingStep Step, WeightSnapshot Best, RunCheckpoints Checkpoints, RunClock Clock);
