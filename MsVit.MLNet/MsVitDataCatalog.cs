using Microsoft.ML.Data;
using MsVit.MLNet;
using MsVit.MLNet.Events;

namespace Microsoft.ML;

/// <summary>Loads labeled images and event recordings as data views: from folders, lists or the CIFAR files, or drawn on the spot.</summary>
/// <remarks>
/// The column names are those of <see cref="ImageColumns"/>. Nothing but labels is held in memory: an image is read or drawn when a
/// cursor asks for it, and files are open only while they are read. The views know their row count and can be shuffled. Where the
/// column holds <see cref="MLImage"/>, the owner of the variable that receives an image disposes of the last one; the getter disposes
/// of the one that it replaces.
/// </remarks>
public static class MsVitDataCatalog
{
    /// <summary>Loads a folder with one subfolder a class: columns Label (text), Image (the encoded file) and ImagePath (text).</summary>
    /// <param name="catalog">The catalog <c>mlContext.Data</c>.</param>
    /// <param name="folder">The folder. Files ending in .png, .jpg, .jpeg, .bmp, .gif or .webp count, in ordinal order.</param>
    /// <param name="recurse">Whether images may also lie in subfolders of a class. The default is false.</param>
    /// <returns>A data view whose files are decoded by the trainer, not by this.</returns>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="InvalidDataException">Images lie beside the class folders, a class has none, or there are fewer than two.</exception>
    public static IDataView LoadImageFolder(this DataOperationsCatalog catalog, string folder, bool recurse = false)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentException.ThrowIfNullOrEmpty(folder);
        return ImageFolderDataView.Create(ImageFolder.List(folder, recurse));
    }

    /// <summary>Loads CIFAR-10 in its binary version: columns Label (text) and Image (32 x 32).</summary>
    /// <param name="catalog">The catalog <c>mlContext.Data</c>.</param>
    /// <param name="files">Files such as data_batch_1.bin to data_batch_5.bin, in this order.</param>
    /// <returns>A data view over the records of all files.</returns>
    /// <exception cref="FileNotFoundException">A file does not exist.</exception>
    /// <exception cref="InvalidDataException">A file is not made of whole records, or a label is above 9; the message says where.</exception>
    public static IDataView LoadCifar10(this DataOperationsCatalog catalog, params string[] files) => LoadCifar(catalog, CifarSet.Cifar10, files);

    /// <summary>Loads CIFAR-100 in its binary version: columns Label (the fine class, text), CoarseLabel (text) and Image (32 x 32).</summary>
    /// <param name="catalog">The catalog <c>mlContext.Data</c>.</param>
    /// <param name="files">Files such as train.bin, in this order.</param>
    /// <returns>A data view over the records of all files.</returns>
    /// <exception cref="FileNotFoundException">A file does not exist.</exception>
    /// <exception cref="InvalidDataException">A file is not made of whole records, or a label is out of range; the message says where.</exception>
    public static IDataView LoadCifar100(this DataOperationsCatalog catalog, params string[] files) => LoadCifar(catalog, CifarSet.Cifar100, files);

    /// <summary>Draws ten classes of figures (circle, square, triangle, star, ...): columns Label (text) and Image.</summary>
    /// <param name="catalog">The catalog <c>mlContext.Data</c>.</param>
    /// <param name="count">The number of samples, at least 1. Any ten in a row hold each class once.</param>
    /// <param name="seed">Which set. The default is 0; test on another seed than you train on.</param>
    /// <param name="imageSize">Height and width in pixels, 16..1024. The default is 32.</param>
    /// <returns>A data view; the same seed gives the same images on every platform.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The count or the size is out of range.</exception>
    public static IDataView LoadShapeImages(this DataOperationsCatalog catalog, int count, int seed = 0, int imageSize = 32)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        return ShapeImagesDataView.Create(new ShapeImages((uint)seed, imageSize), count);
    }

    /// <summary>
    /// Lists labeled recordings of an event camera: columns Label and Path (text), Start and End (Int64), SensorWidth and SensorHeight (Int32),
    /// as <see cref="EventColumns"/> says. <c>mlContext.Transforms.EventsToFrames</c> makes frames of them.
    /// </summary>
    /// <param name="catalog">The catalog <c>mlContext.Data</c>.</param>
    /// <param name="path">
    /// A folder with one subfolder a class; a .csv file with the columns path,label or path,label,start,end (microseconds); or a .txt list of
    /// DVS128 Gesture, such as trials_to_train.txt, with recordings and labels beside it.
    /// </param>
    /// <param name="sensor">The pixels of the camera; by default (null) what each file says. N-MNIST (34 x 34) does not say.</param>
    /// <param name="recurse">Whether recordings may lie in subfolders of a class. The default is false.</param>
    /// <returns>A data view; recordings are opened by what reads frames from it.</returns>
    /// <inheritdoc cref="EventRecordings.List" path="/exception"/>
    public static IDataView LoadEventRecordings(this DataOperationsCatalog catalog, string path, SensorSize? sensor = null, bool recurse = false)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return EventRecordingsDataView.Create(EventRecordings.List(path, sensor, recurse));
    }

    /// <summary>The same for recordings that were listed before, such as those of a data set's split.</summary>
    /// <param name="catalog">The catalog <c>mlContext.Data</c>.</param>
    /// <param name="recordings">The recordings.</param>
    /// <returns>A data view.</returns>
    public static IDataView LoadEventRecordings(this DataOperationsCatalog catalog, IEnumerable<EventRecording> recordings)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(recordings);
        return EventRecordingsDataView.Create([.. recordings]);
    }

    /// <summary>Takes so many rows at random, in their order, computing nothing of the others: for a trial on a part of a set.</summary>
    /// <param name="catalog">The catalog <c>mlContext.Data</c>.</param>
    /// <param name="input">The rows; columns of any type, images included, which <c>ShuffleRows</c> cannot take.</param>
    /// <param name="count">How many, at least 1; all where there are fewer.</param>
    /// <param name="seed">Which choice; the same one gives the same rows. The default is 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">The count is below 1.</exception>
    public static IDataView TakeRandomRows(this DataOperationsCatalog catalog, IDataView input, int count, int seed = 0)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(input);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        return ChosenRowsDataView.Random(input, count, (uint)seed);
    }

    private static IDataView LoadCifar(DataOperationsCatalog catalog, CifarSet set, string[] files)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(files);
        if (files.Length == 0)
        {
            throw new ArgumentException($"No file is named; {set.Name} needs at least one .bin file.", nameof(files));
        }
        return CifarDataView.Create([.. files.Select(file => new CifarReader(file, set))]);
    }
}
