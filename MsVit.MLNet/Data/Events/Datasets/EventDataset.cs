using System.Text;

namespace MsVit.MLNet.Events;

/// <summary>A data set that was checked and split into training and test samples.</summary>
/// <param name="Name">The name of the data set.</param>
/// <param name="Split">A short description of the split, for use in tables.</param>
/// <param name="Train">The training recordings, or slices of recordings.</param>
/// <param name="Test">The test recordings, or slices of recordings.</param>
public sealed record EventDataset(string Name, string Split, IReadOnlyList<EventRecording> Train, IReadOnlyList<EventRecording> Test)
{
    /// <summary>The number of samples per class.</summary>
    public IReadOnlyList<EventClassCount> ClassCounts =>
    [
        .. Train.Concat(Test).Select(recording => recording.Label).Distinct().Order(StringComparer.Ordinal)
            .Select(label => new EventClassCount(label, Train.Count(r => r.Label == label), Test.Count(r => r.Label == label))),
    ];

    /// <summary>Formats the counts: a line for the data set and its split, then one line per class.</summary>
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

/// <summary>The sample counts of one class.</summary>
/// <param name="Label">The class.</param>
/// <param name="Train">The number of training samples.</param>
/// <param name="Test">The number of test samples.</param>
public readonly record struct EventClassCount(string Label, int Train, int Test);
