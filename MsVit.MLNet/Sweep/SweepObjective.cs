namespace MsVit.MLNet.Sweep;

/// <summary>What a sweep looks for.</summary>
public enum SweepObjective
{
    /// <summary>The accuracy of the best epoch on held-out samples, 0 to 1: the more the better.</summary>
    Accuracy,

    /// <summary>Joules an image by the papers' formula (<see cref="Analysis.EnergyEstimate.Joules"/>): the less the better.</summary>
    Energy,

    /// <summary>Milliseconds an image when 32 are scored together, the median of five passes: the less the better. Of the machine that ran the trial.</summary>
    Latency,

    /// <summary>Trainable numbers of the network: the less the better.</summary>
    Parameters,
}
