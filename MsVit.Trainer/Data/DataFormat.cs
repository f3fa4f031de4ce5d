namespace MsVit.Trainer.Data;

/// <summary>The format of a data set.</summary>
internal enum DataFormat
{
    /// <summary>Detected from the files.</summary>
    Auto,

    /// <summary>CIFAR-10's binary files.</summary>
    Cifar10,

    /// <summary>CIFAR-100's binary files.</summary>
    Cifar100,

    /// <summary>Images: a folder with one subfolder per class, or a .csv list.</summary>
    Folder,

    /// <summary>Recordings of an event camera: a folder with one subfolder per class, a .csv list, or a list of DVS128 Gesture.</summary>
    Events,

    /// <summary>Drawn shapes, to try things without data: shapes, shapes:COUNT or shapes:COUNT:SEED.</summary>
    Shapes,
}
