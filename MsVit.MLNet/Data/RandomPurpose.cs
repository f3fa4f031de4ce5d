namespace MsVit.MLNet;

/// <summary>What random numbers are drawn for; each purpose has streams of its own, so that none moves another's.</summary>
internal enum RandomPurpose : ulong
{
    /// <summary>The first weights.</summary>
    Initialization = 1,

    /// <summary>Which samples are held out for validation.</summary>
    Split = 2,

    /// <summary>The order of the samples in an epoch.</summary>
    Shuffle = 3,

    /// <summary>The augmentation of one sample in one epoch.</summary>
    Augmentation = 4,

    /// <summary>The pixels and the noise of a simulated event camera.</summary>
    EventSimulation = 5,

    /// <summary>Whether the samples of one batch are mixed, and how.</summary>
    Mixing = 6,

    /// <summary>Which branches of the network are left out for which samples of one step.</summary>
    StochasticDepth = 7,

    /// <summary>Which samples the mean and deviation of the channels are measured on.</summary>
    Statistics = 10,

    /// <summary>What a trial of a sweep tries.</summary>
    Sweep = 12,

    /// <summary>Which rows of a set are taken.</summary>
    Subset = 11,
}
