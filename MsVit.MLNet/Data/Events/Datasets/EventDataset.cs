using System.Text;

namespace MsVit.MLNet.Events;

/// <summary>A data set that was looked over and split: what to train on and what to test on.</summary>
/// <param name="Name">The data set.</param>
/// <param name="Split">The split, in words that can stand in a table.</param>
/// <param name="Train">Recordings, or slices of them, to train on.</param>
/// <param name="Test">Recordings, or slices of them, to test on.</param>
public sealed record EventDataset(string Name, string Split, IReadOnlyList<EventRecording> Train, IReadOnlyList<EventRecording> Test)
{
    /// <summary>How many samples each class has.</summary>
    public IReadOnlyList<EventClassCount> ClassCounts =>
    [
        .. Train.Concat(Test).Select(recording => recording.Label).Distinct().Order(StringComparer.Ordinal)
            .Select(label => new EventClassCount(label, Train.Count(r => r.Label == label), Test.Count(r => r.Label == label))),
    ];

    /// <summary>The counts as lines of text: the data set, its split, and a line a class.</summary>
    /// <returns>The text.</returns>
    public override string ToString()
    {
        var text = new StringBuilder($"{Name}: {Train.Count} training and {Test.Count} test samples ({Split})");
        foreach (var (label, train, test) in ClassCounts)
        {
            text.Append($"\n  {label}: {train} + {test}");
        }
        return text.ToString();
    }
}

/// <summary>The samples of one class.</summary>
/// <param name="Label">The class.</param>
/// <param name="Train">Samples to train on.</param>
/// <param name="Test">Samples to test on.</param>
public readonly record struct EventClassCount(string Label, int Train, int Test);
