namespace MsVit.MLNet.Sweep;

/// <summary>A sweep as it is stored.</summary>
/// <param name="Id">In its store.</param>
/// <param name="Name">By which workers find it.</param>
/// <param name="Space">The search space, JSON.</param>
/// <param name="Settings">What all workers must agree on (objectives, data, recipe, seed), JSON.</param>
/// <param name="Created">When its first worker began.</param>
public sealed record SweepRecord(long Id, string Name, string Space, string Settings, DateTimeOffset Created);
