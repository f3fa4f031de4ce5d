namespace MsVit.MLNet.Events;

/// <summary>The samples of one class.</summary>
/// <param name="Label">The class.</param>
/// <param name="Train">Samples to train on.</param>
/// <param name="Test">Samples to test on.</param>
public readonly record struct EventClassCount(string Label, int Train, int Test);
