namespace MsVit.MLNet;

/// <summary>What a part of a data set is for.</summary>
public enum DataSplit
{
    /// <summary>To train on.</summary>
    Train,

    /// <summary>To choose the best epoch; the test part of a set that has no other.</summary>
    Validation,

    /// <summary>To measure the finished model.</summary>
    Test,
}
