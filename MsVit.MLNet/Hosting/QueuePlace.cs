namespace MsVit.MLNet.Hosting;

/// <summary>What became of a request at the door.</summary>
internal enum QueuePlace
{
    /// <summary>It has a place.</summary>
    Taken,

    /// <summary>All places are taken.</summary>
    Full,

    /// <summary>Another queue is open, or none.</summary>
    Closed,
}
