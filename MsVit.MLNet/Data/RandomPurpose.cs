namespace MsVit.MLNet;

/// <summary>What random numbers are used for. Each purpose has separate streams, so that none affects another.</summary>
internal enum RandomPurpose : ulong
{
    /// <summary>Initial weights.</summary>
    Initialization = 1,

    /// <summary>Choosing the validation samples.</summary>
    Split = 2,

    /// <summary>The order of samples in an epoch.</summary>
    Shuffle = 3,

    /// <summary>Augmentation of one sample in one epoch.</summary>
    Augmentation = 4,

    /// <summary>Movement, pixels and noise of a simulated event camera.</summary>
    EventSimulation = 5,

    /// <summary>Whether and how to mix the samples of a batch.</summary>
    Mixing = 6,

    /// <summary>Which network branches to drop for which samples of a step.</summary>
    StochasticDepth = 7,

    /// <summary>Choosing the samples for channel statistics.</summary>
    Statistics = 10,

    /// <summary>The parameters of a sweep's trial.</summary>
    Sweep = 12,

    /// <summary>Choosing a subset of rows.</summary>
    Subset = 11,
}
