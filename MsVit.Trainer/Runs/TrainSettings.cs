using Microsoft.ML;
using MsVit.MLNet;
using MsVit.Trainer.Data;

namespace MsVit.Trainer.Runs;

/// <summary>The settings of <c>msvit train</c>.</summary>
internal sealed record TrainSettings
{
    public required OpenedData Train { get; init; }

    /// <summary>The data to evaluate the finished model on; null for none.</summary>
    public OpenedData? Test { get; init; }

    public required MsVitOptions Options { get; init; }

    /// <summary>What was chosen for the images; null if the command line chooses by itself.</summary>
    public string? Chosen { get; init; }

    public required string Output { get; init; }

    /// <summary>The folder for decoded recordings; null for none.</summary>
    public string? Cache { get; init; }

    /// <summary>A network to learn from; null for none.</summary>
    public TeacherSettings? Teacher { get; init; }

    /// <summary>Images without labels, which learn from the teacher alone; null for none.</summary>
    public IDataView? Unlabeled { get; init; }

    /// <summary>Where to write the report; null for none.</summary>
    public string? Report { get; init; }

    public bool Json { get; init; }

    /// <summary>The command that resumes the run.</summary>
    public required string ResumeCommand { get; init; }
}
