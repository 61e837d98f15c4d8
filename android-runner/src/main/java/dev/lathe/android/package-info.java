/** The program that measures on Android devices. */
package dev.lathe.android;
