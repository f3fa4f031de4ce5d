namespace MsVit.MLNet;

/// <summary>A process could not join its group of ranks, or a call of the group failed. The message names the rank and its host.</summary>
public sealed class RankGroupException : Exception
{
    internal RankGroupException(string message)
        : base(message)
    {
    }

    internal RankGroupException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
