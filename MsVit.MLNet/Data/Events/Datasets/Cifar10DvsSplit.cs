namespace MsVit.MLNet.Events;

/// <summary>How CIFAR10-DVS, which has no official split, is parted. Figures of one split say nothing about another.</summary>
public enum Cifar10DvsSplit
{
    /// <summary>
    /// The first 90 % of each class in file-name order (_0, _1, _10, _100, ...) train, the rest test: the convention of the field, and the
    /// default.
    /// </summary>
    First90Percent,

    /// <summary>A seeded draw of 90 % of each class trains, the rest tests.</summary>
    Stratified,
}
