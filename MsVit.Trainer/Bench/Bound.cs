namespace MsVit.Trainer.Bench;

/// <summary>What a row cannot be faster than.</summary>
/// <param name="Run">Runs it once.</param>
/// <param name="Work">How many times the work of that run the row does in one run of its own.</param>
internal readonly record struct Bound(Action Run, double Work);
