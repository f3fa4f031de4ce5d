namespace MsVit.MLNet.Sweep;

/// <summary>What a sweep optimizes.</summary>
public enum SweepObjective
{
    /// <summary>The accuracy of the best epoch on held-out samples, 0 to 1. Higher is better.</summary>
    Accuracy,

    /// <summary>Joules per image by the papers' formula (<see cref="Analysis.EnergyEstimate.Joules"/>). Lower is better.</summary>
    Energy,

    /// <summary>
    /// Milliseconds per image when 32 are scored together, the median of five passes on the machine that ran the trial. Lower is better.
    /// </summary>
    Latency,

    /// <summary>Trainable parameters of the network. Lower is better.</summary>
    Parameters,
}
