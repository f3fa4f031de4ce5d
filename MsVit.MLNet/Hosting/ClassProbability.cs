namespace MsVit.MLNet.Hosting;

/// <summary>A class and how probable it is.</summary>
/// <param name="Label">What it is called.</param>
/// <param name="Probability">0 to 1.</param>
public sealed record ClassProbability(string Label, float Probability);
