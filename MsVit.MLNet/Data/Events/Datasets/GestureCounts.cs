namespace MsVit.MLNet.Events;

/// <summary>How much a complete DVS128 Gesture holds.</summary>
internal readonly record struct GestureCounts(int TrainTrials, int TestTrials, int TrainGestures, int TestGestures);
