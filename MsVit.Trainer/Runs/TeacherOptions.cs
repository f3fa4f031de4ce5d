using System.CommandLine;
using System.Globalization;
using MsVit.MLNet;
using MsVit.Trainer.Data;

namespace MsVit.Trainer.Runs;

/// <summary>The options of <c>msvit train</c> for a teacher, and for images without labels.</summary>
internal sealed class TeacherOptions
{
    private readonly Option<string?> _teacher = new("--teacher")
    {
        Description = "A network to learn from in addition to the labels: an ONNX model of images, whose outputs are computed once and "
            + "kept, or a NumPy array (.npy) of one vector per image. '--set Teacher.Kind=Scores' if it gives scores of the classes.",
        HelpName = "file",
    };
    private readonly Option<string?> _preparation = new("--teacher-preparation")
    {
        Description = "An ONNX model whose output is the input of --teacher, such as the ResNetPreprocess.onnx of ML.NET's featurizers. It "
            + "takes raw pixels.",
        HelpName = "file",
    };
    private readonly Option<string?> _output = new("--teacher-output")
    {
        Description = "Which output of --teacher to learn from, if it has several.",
        HelpName = "name",
    };
    private readonly Option<string?> _size = new("--teacher-size")
    {
        Description = "The size of the images for --teacher, if the file leaves it open, such as 224x224.",
        HelpName = "WxH",
    };
    private readonly Option<TeacherPixels?> _pixels = new("--teacher-pixels")
    {
        Description = "How pixels enter --teacher: with ImageNet's mean and deviation (the default), from 0 to 1, or raw from 0 to 255 "
            + "(the default for a model of 'msvit export').",
        HelpName = "imagenet|unit|raw",
    };
    private readonly Option<string?> _unlabeled = new("--unlabeled")
    {
        Description = "A folder of images without labels, which learn from --teacher alone. Do not give test images.",
        HelpName = "folder",
    };

    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { _teacher, _preparation, _output, _size, _pixels, _unlabeled })
        {
            command.Add(option);
        }
    }

    /// <summary>The column of the teacher's vectors; null without a teacher.</summary>
    public string? Column(ParseResult parsed) => parsed.GetValue(_teacher) is null ? null : TaughtRows.Column;

    /// <summary>The teacher; null without one.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="data">The training data.</param>
    /// <param name="recipe">Says how to learn from it.</param>
    /// <param name="cache">The folder for the vectors; null for that of the model.</param>
    /// <exception cref="UsageException">An option is not understood, or does nothing without a teacher.</exception>
    public TeacherSettings? Of(ParseResult parsed, OpenedData data, TrainingRecipe recipe, string? cache)
    {
        if (parsed.GetValue(_teacher) is not { } path)
        {
            Option[] others = [_preparation, _output, _size, _pixels, _unlabeled];
            if (others.FirstOrDefault(option => parsed.GetResult(option) is { Implicit: false }) is { } useless)
            {
                throw new UsageException($"{useless.Name} needs --teacher FILE.");
            }
            return recipe.Teacher is null ? null : throw new UsageException("The recipe says how to learn from a teacher "
                + "(Recipe.Teacher), but there is none: add --teacher FILE, or --set Recipe.Teacher=null.");
        }
        if (data.IsEvents)
        {
            throw new UsageException($"{data.Path} holds event recordings; --teacher is for images.");
        }
        var preparation = parsed.GetValue(_preparation);
        foreach (var (option, file) in new[] { (_teacher, path), (_preparation, preparation) })
        {
            if (file is not null && !File.Exists(file))
            {
                throw new UsageException($"{option.Name} {file}: there is no such file.");
            }
        }
        return new()
        {
            Path = path,
            Preparation = preparation,
            Output = parsed.GetValue(_output),
            Size = Size(parsed.GetValue(_size)),
            Pixels = parsed.GetValue(_pixels),
            Cache = cache,
        };
    }

    /// <summary>The images without labels; empty for none.</summary>
    /// <exception cref="UsageException">The folder does not exist or holds no images, or the training data is not in files.</exception>
    public IReadOnlyList<ScannedFile> Unlabeled(ParseResult parsed, OpenedData data)
    {
        if (parsed.GetValue(_unlabeled) is not { } folder)
        {
            return [];
        }
        if (data.Format != DataFormat.Folder)
        {
            throw new UsageException($"--unlabeled adds to images in folders or lists, but {data.Path} is neither.");
        }
        if (!Directory.Exists(folder))
        {
            throw new UsageException($"--unlabeled {folder}: there is no such folder.");
        }
        var (files, _) = UnlabeledFolder.Of(folder, SampleKind.Images);
        return files.Count > 0
            ? files
            : throw new UsageException($"--unlabeled {folder}: the folder holds no images.");
    }

    private static (int Width, int Height)? Size(string? text)
    {
        if (text is null)
        {
            return null;
        }
        var parts = text.Split('x', 'X');
        return parts.Length == 2 && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var width)
            && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var height) && width > 0 && height > 0
            ? (width, height)
            : throw new UsageException($"--teacher-size {text} is not understood: expected WxH, such as 224x224.");
    }
}
