"""Wheels read, written anew, installed into trees and laid out as repositories."""
